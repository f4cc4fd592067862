"""The command line of the project, and the set-up that runs everything on one machine."""
