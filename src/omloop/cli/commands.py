"""The commands in their groups, and what each is for."""

GROUPS = {
    "make a version": {
        "projects": "list the projects that omloop finds",
        "examples": "list the examples that come with omloop, to try or to copy",
        "new": "make a new project from one that works",
        "data": "check a project's data and describe it",
        "data-version": "version a project's data with DVC: add, status, diff, push, pull, checkout, stages",
        "turn": "take a project once round: data, train, package, evaluate, gate, promote",
        "train": "train and compare models; keep the run but make no version",
        "sweep": "search hyperparameters, and take the best trial through a turn",
        "evaluate": "score a version on the project's data, beside the champion",
        "explain": "say which inputs matter to a version, or to one answer",
        "optimise": "make smaller and faster variants of a version, measure them, and serve the best",
    },
    "carry it out elsewhere": {
        "jobs": "follow jobs that run elsewhere: list, status, logs, fetch, cancel",
    },
    "decide between runs and versions": {
        "runs": "list a project's runs with their scores, tags and notes",
        "compare": "compare runs: metrics, configuration, data, code, packages, curves and plots",
        "tag": "tag a run, or write a note to it",
        "mirror": "send runs again to other trackers, such as MLflow",
        "versions": "list versions, the champion and the history",
        "reproduce": "rebuild a version from its code, data, configuration and packages, and compare",
        "history": "list every decision with its evidence",
        "promote": "make a version champion",
        "trial": "try a version beside the champion as a shadow or a canary",
        "rollback": "put an earlier champion back in charge",
    },
    "serve, predict and learn what was true": {
        "serve": "serve the champion over HTTP",
        "key": "make, list and revoke API keys for callers of a server",
        "predict": "predict rows, files or whole folders on the command line",
        "replay": "ask logged predictions again, and compare the answers",
        "feedback": "send the true labels of earlier predictions",
        "ui": "show the web page: try models, watch them live, compare, promote and roll back",
    },
    "watch, and rehearse what may come": {
        "watch": "look for drift and loss, and retrain when the policy says so",
        "alerts": "show which alerts ring, silence them, or test whom they reach",
        "backtest": "replay retraining policies on the logged predictions",
        "drill": "inject faults in a throw-away workspace, and report what happened",
        "demo": "watch the whole circuit turn once, from nothing",
    },
    "measure what is served": {
        "load": "test a server under load, at a steady rate",
        "tune-serve": "find the server settings that serve the champion best here",
        "profile": "show where a training, a prediction or a server spends its time",
        "probe": "watch a server from outside: alive, ready, and right",
    },
    "deliver it": {
        "init": "make a team's repository: a project, tests, checks, workflows, documentation",
        "deploy": "write the files that deliver a project, and apply them to Google Cloud",
        "eject": "write the champion as a plain project that needs no omloop",
        "audit": "look in any repository for evidence of each item of a check-list",
        "report": "write a project's own report, check a course's, or make one web page of either",
    },
    "let agents work with it": {
        "mcp": "offer the commands as tools of the Model Context Protocol, read-only unless --write",
    },
    "help": {
        "doctor": "say what works here and what is missing",
        "completion": "print a shell's completion script",
    },
}
"""Groups of commands by what they are for, as `omloop --help` shows them."""

COMMANDS = {name: about for group in GROUPS.values() for name, about in group.items()}
