"""COCO truths and results at random, and what pycocotools makes of them.

    pip install numpy pycocotools
    echo '{"seed": 7, "count": 3}' | python3 coco_score.py random        # prints cases with their figures
    echo '{"seed": 20211, "count": 16, "small": true}' | python3 coco_score.py random > coco-score.json
"""
import contextlib, io, json, sys
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def case(rng, small):
    """One data set: ties in score and overlap, crowds, empty images, classes without boxes, without results, or without both."""
    image_ids = [int(i) for i in rng.permutation(np.arange(1, 40))[: rng.integers(1, 8 if small else 16)]]
    category_ids = [int(i) for i in rng.permutation(np.arange(1, 20))[: rng.integers(1, 5)]]
    whole = bool(rng.integers(0, 2))  # whole pixels make equal overlaps, and overlaps equal to a threshold
    score_digits = int(rng.choice([1, 2, 6]))  # few digits make equal scores
    crowds = float(rng.choice([0, 0.1, 0.4]))
    annotations, results = [], []

    def number(value):
        return int(round(value)) if whole else round(float(value), 2)

    def box(x, y, w, h):
        return [number(x), number(y), max(0, number(w)), max(0, number(h))]

    def result(image, category, bbox, score):
        results.append({"image_id": image, "category_id": category, "bbox": bbox,
                        "score": round(float(score), score_digits)})

    for category in category_ids:
        density = rng.choice([0, 0.5, 2, 5], p=[0.15, 0.3, 0.35, 0.2])
        noise = rng.choice([0, 0.05, 0.2])
        alarms = rng.choice([0, 0.5, 3])
        for image in image_ids:
            for _ in range(rng.poisson(density)):
                side = float(rng.choice([12, 32, 60, 96, 150]))
                w, h = side * rng.uniform(0.5, 1.5, 2)
                x, y = rng.uniform(0, 300, 2)
                bbox = box(x, y, w, h)
                annotation = {"id": len(annotations) + 1, "image_id": image, "category_id": category, "bbox": bbox,
                              "area": bbox[2] * bbox[3], "iscrowd": int(rng.random() < crowds)}
                if rng.random() < 0.2:
                    annotation["area"] = number(annotation["area"] * 0.6)  # of the lesion, smaller than its box
                annotations.append(annotation)
                for _ in range(int(rng.choice([0, 1, 1, 2]))):
                    shift = rng.normal(0, noise, 4) * [w, h, w, h] if noise else np.zeros(4)
                    result(image, category, box(*(np.array([x, y, w, h]) + shift)), rng.beta(4, 2))
            for _ in range(rng.poisson(alarms)):
                result(image, category, box(*rng.uniform(0, 300, 2), *rng.uniform(0, 120, 2)), rng.beta(2, 4))
    if rng.random() < (0.1 if small else 0.3) and annotations:  # more detections on one image than count
        target = annotations[int(rng.integers(0, len(annotations)))]
        for _ in range(int(rng.integers(90, 120 if small else 180))):
            shift = rng.normal(0, 6, 4)
            result(target["image_id"], target["category_id"],
                   box(*(np.array(target["bbox"]) + shift)), rng.uniform(0, 1))
    order = rng.permutation(len(results))
    first, last, step = [(0.5, 0.95, 0.05), (0.4, 0.75, 0.05), (0.1, 0.9, 0.1)][int(rng.choice([0, 0, 1, 2]))]
    return {
        "truth": {"images": [{"id": i} for i in image_ids],
                  "categories": [{"id": c, "name": f"class {c}"} for c in category_ids],
                  "annotations": [annotations[i] for i in rng.permutation(len(annotations))]},
        "predictions": [results[i] for i in order],
        "iou": [first, last, step],
        "maxDetections": int(rng.choice([100, 100, 250, 30, 3])),
    }


def mean(values):
    known = values[values > -1]
    return float(known.mean()) if known.size else None


def figures(case):
    """Averages of precision and recall as COCOeval.summarize takes them, over all classes and for each; None for its -1."""
    first, last, step = case["iou"]
    ious = np.linspace(first, last, int(np.round((last - first) / step)) + 1)
    limit = case["maxDetections"]
    truth, results = COCO(), COCO()
    with contextlib.redirect_stdout(io.StringIO()):
        truth.dataset = json.loads(json.dumps(case["truth"]))
        truth.createIndex()
        if case["predictions"]:
            results = truth.loadRes(json.loads(json.dumps(case["predictions"])))
        else:  # loadRes cannot read an empty list
            results.dataset = {"images": truth.dataset["images"], "categories": truth.dataset["categories"], "annotations": []}
            results.createIndex()

        def evaluate(thresholds):
            evaluation = COCOeval(truth, results, "bbox")
            evaluation.params.iouThrs = np.array(thresholds)
            evaluation.params.maxDets = sorted({1, min(10, limit), min(100, limit), limit})
            evaluation.evaluate()
            evaluation.accumulate()
            return evaluation

        averaged = evaluate(ious)
        single = {name: evaluate([iou]) for name, iou in [("ap40", 0.4), ("ap50", 0.5), ("ap75", 0.75)]}
    limits = averaged.params.maxDets
    at = {"1": limits.index(1), "10": limits.index(min(10, limit)), "100": limits.index(min(100, limit))}

    def take(of):  # `of` cuts precision [iou, recall, class, area, limit] and recall [iou, class, area, limit] by class
        precision, recall = of(averaged.eval["precision"], 2), of(averaged.eval["recall"], 1)
        found = {"ap": mean(precision[..., 0, -1])}
        for name, evaluation in single.items():
            found[name] = mean(of(evaluation.eval["precision"], 2)[..., 0, -1])
        for area, name in enumerate(["Small", "Medium", "Large"], start=1):
            found["ap" + name] = mean(precision[..., area, -1])
            found["ar" + name] = mean(recall[..., area, -1])
        for name, limit_index in at.items():
            found["ar" + name] = mean(recall[..., 0, limit_index])
        return found

    classes = [int(c) for c in averaged.params.catIds]
    return {"all": take(lambda values, axis: values),
            "perClass": [{"id": c, **take(lambda values, axis: np.take(values, [k], axis))} for k, c in enumerate(classes)]}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    rng = np.random.default_rng(asked["seed"])
    cases = [case(rng, asked.get("small", False)) for _ in range(asked["count"])]
    for one in cases:
        one["figures"] = figures(one)
    print(json.dumps({"seed": asked["seed"], "cases": cases}, separators=(",", ":")))
