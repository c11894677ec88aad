"""Run the command line with ``python -m resilience_analysis``."""

from resilience_analysis.cli import main

if __name__ == "__main__":
    main()
