"""The verbs of a workspace, by what they are for; `Workspace` has them all."""
