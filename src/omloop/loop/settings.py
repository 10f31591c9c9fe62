"""Every setting there is: who declares some, and what their names begin with outside of their section."""

from omloop.core import SettingTable

SETTINGS = SettingTable(
    {
        "": "omloop.serve.settings:ServeSettings",
        "log_": "omloop.monitor.log.settings:LogSettings",
        "compute_": "omloop.compute.settings:ComputeSettings",
        "deploy_": "omloop.deploy.settings:DeploySettings",
        "google_": "omloop.deploy.settings:GoogleSettings",
        "vertex_": "omloop.compute.settings:VertexSettings",
        "kaggle_": "omloop.data.sources.kaggle:KaggleSettings",
        "oidc_": "omloop.serve.settings:OidcSettings",
        "ui_": "omloop.ui.settings:UiSettings",
    }
)
