"""Reads an event folder with TensorBoard's own reader. Usage: tensorboard_peer.py scalars, the folder as JSON on stdin."""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

if sys.argv[1] != "scalars":
    sys.exit(f"unknown command {sys.argv[1]}")
events = EventAccumulator(json.load(sys.stdin))
events.Reload()
json.dump(
    {
        tag: [[event.wall_time, event.step, event.value] for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    },
    sys.stdout,
)
