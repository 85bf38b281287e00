"""What highdicom and pydicom read in reports and presentation states that fedoxnet wrote.

    pip install highdicom
    echo '{"path": "SR.dcm"}' | python3 report_peer.py groups        # the measurement groups
    echo '{"path": "PR.dcm"}' | python3 report_peer.py annotations    # frames and texts of a presentation state
    echo '{"codes": [["DCM", "121071"]]}' | python3 report_peer.py meanings    # needs pydicom alone
"""
import json, sys
import pydicom


def groups(path):
    import highdicom as hd
    report = hd.sr.srread(path)
    assert hd.UID(report.SOPInstanceUID).is_valid and hd.UID(report.SeriesInstanceUID).is_valid
    found = []
    for group in report.content.get_planar_roi_measurement_groups():
        region = group.roi
        measured, = group.get_measurements()
        texts = [[item.name.meaning, item.value] for item in hd.sr.utils.find_content_items(
            group[0], value_type=hd.sr.ValueTypeValues.TEXT)]
        found.append({
            "tracking": group.tracking_identifier,
            "trackingUid": group.tracking_uid,
            "finding": [group.finding_type.value, group.finding_type.scheme_designator, group.finding_type.meaning],
            "graphicType": region.graphic_type.value,
            "points": [[float(v) for v in point] for point in region.value],
            "score": float(measured.value),
            "scoreConcept": measured.name.value,
            "unit": measured.unit.value,
            "texts": texts,
            "image": [str(item.referenced_sop_class_uid) + " " + str(item.referenced_sop_instance_uid)
                      for item in hd.sr.utils.find_content_items(
                          group[0], value_type=hd.sr.ValueTypeValues.IMAGE, recursive=True)],
        })
    return {"groups": found, "patient": str(report.PatientName), "study": report.StudyInstanceUID,
            "flags": [report.CompletionFlag, report.VerificationFlag, report.PreliminaryFlag]}


def annotations(path):
    state = pydicom.dcmread(path)
    found = []
    for item in state.get("GraphicAnnotationSequence", []):
        graphic, = item.GraphicObjectSequence
        text, = item.TextObjectSequence
        found.append({
            "text": text.UnformattedTextValue,
            "anchor": [float(v) for v in text.AnchorPoint],
            "points": [float(v) for v in graphic.GraphicData],
            "units": [graphic.GraphicAnnotationUnits, text.AnchorPointAnnotationUnits],
            "image": item.ReferencedImageSequence[0].ReferencedSOPInstanceUID,
        })
    area, = state.DisplayedAreaSelectionSequence
    return {"annotations": found, "shape": state.PresentationLUTShape,
            "area": [list(area.DisplayedAreaTopLeftHandCorner), list(area.DisplayedAreaBottomRightHandCorner)]}


def meanings(codes):
    """The meanings that pydicom's copy of PS3.16 has for each pair of scheme and value."""
    from pydicom.sr._concepts_dict import concepts
    known = {}
    for scheme, keywords in concepts.items():
        for entries in keywords.values():
            for value, (meaning, *_) in entries.items():
                known.setdefault((scheme, value), []).append(meaning)
    return [known.get(tuple(code), []) for code in codes]


if __name__ == "__main__":
    print(json.dumps({"groups": groups, "annotations": annotations, "meanings": meanings}[sys.argv[1]](**json.load(sys.stdin))))
