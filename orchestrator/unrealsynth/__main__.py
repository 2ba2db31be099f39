"""`python -m unrealsynth`: the console command where no folder of commands is on the path."""

from unrealsynth.cli import main

if __name__ == "__main__":
    main()
