"""The command line: ``python -m trustsurvey``, or ``trustsurvey`` once installed."""

from __future__ import annotations

import os
import sys

from trustsurvey.errors import SurveyError


def main() -> None:
    """Run a command; what is wrong with a request is one line on standard error and exit code 2."""
    import click

    from trustsurvey.cli import cli

    try:
        status = cli(standalone_mode=False)
    except SurveyError as error:
        click.echo(f"trustsurvey: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        told = error.format_message()
        # Where no command is named, what click has to say is the help itself.
        click.echo(told if told.startswith("Usage:") else f"trustsurvey: {told}", err=True)
        sys.exit(2)
    except click.Abort:
        click.echo("trustsurvey: stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"trustsurvey: {where}{error.strerror or error}.", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
