"""Doing what a plan says, and undoing it. Each command that fails is said, with what it said itself."""

import subprocess
from collections.abc import Iterator, Sequence

from toktra_agent.desktop.plan import Command, File, Plan

_PATIENCE = 60


class NotInstalled(Exception):
    """Something could not be written or started. The message says what, and what to do."""


def carry_out(plan: Plan) -> Iterator[str]:
    """Write the files and run the commands; what was done, step by step. NotInstalled where one fails."""
    for file in plan.files:
        _write(file)
        yield f"wrote {file.path}"
    for command in plan.start:
        if (wrong := failure_of(command)) is not None:
            raise NotInstalled(f"`{' '.join(command)}` did not work: {wrong}")
        yield f"ran {' '.join(command)}"


def undo(plan: Plan) -> Iterator[str]:
    """Stop what runs and remove the files, as far as they are there; what was done, step by step."""
    if not any(file.real.exists() for file in plan.files):
        return
    for command in plan.stop:
        wrong = failure_of(command)
        yield f"ran {' '.join(command)}" if wrong is None else f"left out {' '.join(command)} ({wrong})"
    for file in plan.files:
        if file.real.exists():
            _remove(file)
            yield f"removed {file.path}"


def run_all(commands: Sequence[Command]) -> None:
    """NotInstalled with the first that fails."""
    for command in commands:
        if (wrong := failure_of(command)) is not None:
            raise NotInstalled(f"`{' '.join(command)}` did not work: {wrong}")


def failure_of(command: Command) -> str | None:
    """None where it ended well; else what it said, in a line."""
    try:
        done = subprocess.run(  # noqa: S603 - commands of a plan, without a shell
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except FileNotFoundError:
        return f"there is no {command[0]} on this device"
    except (OSError, subprocess.TimeoutExpired) as wrong:
        return type(wrong).__name__
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[-1] if said else f"it ended with status {done.returncode}"


def _write(file: File) -> None:
    try:
        file.real.parent.mkdir(parents=True, exist_ok=True)
        file.real.write_text(file.text, newline="")
        file.real.chmod(file.mode)
    except OSError as wrong:
        raise NotInstalled(
            f"{file.path} cannot be written ({wrong.strerror or wrong}). {_hint(wrong)}"
        ) from wrong


def _remove(file: File) -> None:
    try:
        file.real.unlink()
    except OSError as wrong:
        raise NotInstalled(
            f"{file.path} cannot be removed ({wrong.strerror or wrong}). {_hint(wrong)}"
        ) from wrong


def _hint(wrong: OSError) -> str:
    if isinstance(wrong, PermissionError):
        return "Run the command again with administrator rights (sudo)."
    return "Make room or change its rights, then run the command again."
