"""Asks pydicom for what our own reading of DICOM films is compared with.

display: a list of files in base64 -> for each the pixels after Modality LUT and VOI LUT, scaled to 0 ... 255.
"""

import base64
import io
import json
import sys

import numpy as np
import pydicom
from pydicom.pixels import apply_modality_lut, apply_voi_lut


def display(files):
    planes = []
    for text in files:
        film = pydicom.dcmread(io.BytesIO(base64.b64decode(text)))
        values = apply_modality_lut(film.pixel_array, film)
        shown = apply_voi_lut(values, film, prefer_lut=True).astype(np.float64)
        low, high = output_range(film)
        planes.append((255 * (shown - low) / (high - low)).ravel().tolist())
    return planes


def output_range(film):
    """A table has its own range; pydicom stretches a window over all values that modality values can have."""
    if "VOILUTSequence" in film:
        return 0, 2.0 ** film.VOILUTSequence[0].LUTDescriptor[2] - 1
    if "ModalityLUTSequence" in film:
        return 0, 2.0 ** film.ModalityLUTSequence[0].LUTDescriptor[2] - 1
    half = 2.0 ** (film.BitsStored - 1)
    low, high = (-half, half - 1) if film.PixelRepresentation else (0, 2 * half - 1)
    slope, intercept = film.get("RescaleSlope", 1), film.get("RescaleIntercept", 0)
    return low * slope + intercept, high * slope + intercept


COMMANDS = {"display": display}

if __name__ == "__main__":
    json.dump(COMMANDS[sys.argv[1]](json.load(sys.stdin)), sys.stdout)
