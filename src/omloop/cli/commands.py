"""The commands in their groups, and what each is for."""

GROUPS = {
    "make a version": {
        "projects": "list the projects that can be found",
        "examples": "list the projects that travel with omloop, to try and to begin from",
        "new": "make a new project from one that works",
        "data": "check a project's data and describe it",
        "data-version": "keep versions of a project's data, by DVC: add, status, diff, push, pull, checkout, stages",
        "turn": "take a project once round: data, train, package, evaluate, gate, promote",
        "train": "train and compare models, and keep nothing but the run",
        "sweep": "train with many settings, and take the best through a turn",
        "evaluate": "score a version on the project's data, against the champion",
        "explain": "say which inputs matter to a version, or what one answer hangs on",
        "optimise": "make smaller and faster variants of a version, measure them, and serve the best",
    },
    "carry it out elsewhere": {
        "jobs": "jobs that were begun elsewhere: list, status, logs, fetch, cancel",
    },
    "decide between runs and versions": {
        "runs": "list the runs of a project: what they scored, their tags and notes",
        "compare": "compare runs: metrics, configuration, data, code, packages, curves and plots",
        "tag": "tag a run, or write a note to it",
        "mirror": "send runs again to the trackers beside the run folders",
        "versions": "list versions, the champion and the history",
        "reproduce": "make a version again from its code, data, configuration and packages, and compare",
        "history": "every decision with its evidence",
        "promote": "make a version champion",
        "trial": "try a version beside the champion, as a shadow or a canary",
        "rollback": "go back to the champion before",
    },
    "serve, predict and learn what was true": {
        "serve": "serve the champion over HTTP",
        "key": "make, list and revoke the keys by which callers ask a server",
        "predict": "answer rows on the command line",
        "replay": "ask versions again what they were asked, and compare the answers",
        "feedback": "tell what turned out to be true of earlier predictions",
        "ui": "show the web page: try models, watch them live, compare, promote and roll back",
    },
    "watch, and rehearse what may come": {
        "watch": "look for drift and loss, and turn again",
        "alerts": "show which alerts ring, silence them, or test who is told",
        "backtest": "what policies would have made of the logged predictions",
        "drill": "make everything go wrong in a throw-away workspace, and tell what came of it",
        "demo": "watch the whole circuit turn once, from nothing",
    },
    "measure what is served": {
        "load": "test how much a server bears, at a steady rate",
        "tune-serve": "find the settings by which the champion is served best here",
        "profile": "say where the time of a training, a prediction or a server goes",
        "probe": "watch a server from outside: alive, ready, and right",
    },
    "deliver it": {
        "init": "begin a team's repository: a project, tests, checks, workflows, documentation",
        "deploy": "write the files that deliver a project, and bring Google Cloud to what they say",
        "eject": "write the champion as a plain project that needs no omloop",
        "audit": "look in any repository for evidence of each item of a check-list",
        "report": "write a project's own report, check a course's, or make one web page of either",
    },
    "let agents work with it": {
        "mcp": "offer the commands as tools of the Model Context Protocol, to read alone unless --write",
    },
    "help": {
        "doctor": "say what works here and what is missing",
        "completion": "print a shell's completion script",
    },
}
"""Groups of commands by what they are for, as `omloop --help` shows them."""

COMMANDS = {name: about for group in GROUPS.values() for name, about in group.items()}
