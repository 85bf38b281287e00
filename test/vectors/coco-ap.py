"""Writes coco-ap.json: random detections and true boxes, and what pycocotools 2.0 makes of them.

    pip install numpy pycocotools && python3 coco-ap.py > coco-ap.json

Numbers of true boxes are primes: recall then never equals a sampled recall except 0 and 1, where rounding would decide.
"""
import contextlib, io, json
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

IOUS = [0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75]
rng = np.random.default_rng(20211)


def case(films, truths, noise):
    images = [{"id": i + 1, "file_name": f"{i + 1}.png", "width": 200, "height": 160} for i in range(films)]
    annotations, results = [], []
    for t in range(truths):
        w, h = rng.integers(10, 60, 2)
        x, y = rng.integers(0, 200 - w), rng.integers(0, 160 - h)
        film = int(rng.integers(1, films + 1))
        annotations.append({"id": t + 1, "image_id": film, "category_id": 1, "bbox": [int(x), int(y), int(w), int(h)],
                            "area": int(w * h), "iscrowd": 0})
        for _ in range(int(rng.integers(0, 4))):  # missed, found, or found several times
            shift = rng.normal(0, noise, 4) * [w, h, w, h]
            box = [round(float(v), 2) for v in np.array([x, y, w, h]) + shift]
            results.append({"image_id": film, "category_id": 1, "bbox": [box[0], box[1], max(1, box[2]), max(1, box[3])],
                            "score": round(float(rng.beta(4, 2)), 6)})
    for _ in range(truths):
        results.append({"image_id": int(rng.integers(1, films + 1)), "category_id": 1,
                        "bbox": [int(v) for v in (*rng.integers(0, 150, 2), *rng.integers(5, 50, 2))],
                        "score": round(float(rng.beta(2, 4)), 6)})
    truth = COCO()
    with contextlib.redirect_stdout(io.StringIO()):
        truth.dataset = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "lesion"}]}
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.params.iouThrs = np.array(IOUS)
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, 0, 0, 2]  # [iou, recall], all areas, 100 detections per film
    return {"films": films, "truths": annotations, "detections": results,
            "ap": [float(v) for v in precision.mean(axis=1)]}


print(json.dumps({"ious": IOUS, "cases": [case(8, 13, 0.05), case(20, 47, 0.12), case(5, 7, 0.25), case(3, 61, 0.08)]},
                 separators=(",", ":")))
