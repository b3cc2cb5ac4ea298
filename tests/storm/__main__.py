"""``python -m tests.storm``."""

from tests.storm.storm import main

if __name__ == "__main__":
    main()
