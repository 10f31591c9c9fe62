"""`omloop trial`."""

import argparse

from omloop.cli.console import style_line
from omloop.cli.named import name_argument, registry_of, workspace_of
from omloop.cli.show import show, table
from omloop.core import OmloopError, Trial, TrialMode, user_name, utc_text
from omloop.loop.version.promote import begin_trial
from omloop.loop.watch.summary import progress_json, trial_json
from omloop.loop.watch.trial import TrialProgress, judge_trial

EXAMPLE = "omloop trial student_performance 4f1c0b --canary 0.1"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, VERSION, and how to try it."""
    name_argument(parser)
    parser.add_argument("version", metavar="VERSION", nargs="?", help="a version, or its first digits")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--shadow", type=float, metavar="SHARE", help="answer this share of requests, only for the log")
    how.add_argument("--canary", type=float, metavar="SHARE", help="answer this share of callers")
    how.add_argument("--stop", action="store_true", help="end the current trial")
    parser.add_argument("--force", action="store_true", help="begin a canary even if the gate refused; needs --reason")
    parser.add_argument("--reason", default="", help="the reason, for the history")


def run(args: argparse.Namespace) -> int:
    """Begin a trial, end it, or show what it found so far."""
    if args.stop:
        return _stop(args)
    if args.version is None and args.shadow is None and args.canary is None:
        return _show(args)
    return _begin(args)


def _begin(args: argparse.Namespace) -> int:
    if args.version is None or (args.shadow is None and args.canary is None):
        raise OmloopError(f"Say which version, and how: omloop trial {args.name} VERSION --shadow 1.0, or --canary 0.1")
    registry = registry_of(args)
    mode: TrialMode = "shadow" if args.canary is None else "canary"
    share = args.shadow if args.canary is None else args.canary
    trial = begin_trial(registry, args.version, mode, share=share, by=user_name(), reason=args.reason, force=args.force)
    show(args, trial_json(trial), f"{_words(trial)}; servers pick it up by themselves. See: omloop trial {args.name}")
    return 0


def _stop(args: argparse.Namespace) -> int:
    registry = registry_of(args)
    trial = registry.trial()
    if trial is None:
        raise OmloopError(f"Nothing of '{args.name}' is being tried, so there is no trial to end.")
    registry.end_trial(trial, reason=args.reason, by=user_name())
    show(args, trial_json(trial), f"the trial of {trial.version} is over; servers see it by themselves")
    return 0


def _show(args: argparse.Namespace) -> int:
    registry_of(args)
    found = judge_trial(args.name, workspace_of(args))
    if found is None:
        step = f"Try a version with: omloop trial {args.name} VERSION --shadow 1.0"
        show(args, None, f"Nothing of '{args.name}' is being tried. {step}")
        return 0
    show(args, progress_json(found), *as_lines(found))
    return 0


def as_lines(found: TrialProgress) -> list[object]:
    """The findings, for people."""
    lines: list[object] = [
        style_line((found.project, "bold"), f" {_words(found.trial)} since {utc_text(found.trial.since)}"),
        f"answers  {found.answered}, and {found.failed} that only the champion could give",
    ]
    if found.agreement is not None:
        lines.append(f"agrees   in {found.agreement:.1%} with {found.champion}")
    if found.difference is not None:
        lines.append(f"differs  by {found.difference:.4g} from {found.champion} on average")
    if found.times_slower is not None:
        lines.append(f"takes    {found.times_slower:.2f} times as long (medians)")
    rows = [
        [name, str(value), str(found.theirs[name]) if name in found.theirs else ""]
        for name, value in found.candidate.items()
    ]
    if rows:
        lines.append(table([f"on {found.labelled} labels", found.trial.version, found.champion], rows))
    if found.decision is not None:
        lines.append(f"gate     {found.decision.reason}")
    verdict = (found.worse, "red") if found.worse else "not shown to be worse"
    return [*lines, style_line("verdict  ", verdict)]


def _words(trial: Trial) -> str:
    whom = "requests" if trial.mode == "shadow" else "callers"
    return f"{trial.version} is tried as a {trial.mode}, on {trial.share * 100:.3g} % of the {whom}"
