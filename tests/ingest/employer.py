"""Start a worker process, say so, and stay until standard input closes or somebody kills it."""

import sys
import time

from ingest.audio.workers import processes


def main() -> None:
    with processes(1) as workers:
        task = workers.submit(time.strftime, "")
        while not task.done:
            workers.wait()
        print("working", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
