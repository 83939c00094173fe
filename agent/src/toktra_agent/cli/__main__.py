"""`python -m toktra_agent.cli`."""

from toktra_agent.cli import main

if __name__ == "__main__":
    main()
