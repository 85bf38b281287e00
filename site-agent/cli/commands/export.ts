import { resolve, join } from 'node:path';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { fillNewFolder } from '../../files/new-folder.js';
import { selectBackend, type BackendWish } from '../../backend/select-backend.js';
import { readModelFile } from '../../evaluation/model-file.js';
import { detectorGraph } from '../../export/detector-graph.js';
import { foldConstants } from '../../export/fold-constants.js';
import { graphDef } from '../../export/graph-def.js';
import { graphModelFiles } from '../../export/graph-model.js';
import { modelDescription } from '../../export/model-description.js';
import type { Outcome } from '../terminal.js';
import { agentVersion } from '../version.js';

export interface ExportOptions {
  /** A released model, safetensors. */
  readonly model: string;
  /** `tfjs`: a TensorFlow.js graph model. */
  readonly format: 'tfjs';
  /** Folder to make. */
  readonly out: string;
  readonly backend: BackendWish;
  readonly threads?: number;
}

/** Writes a model in the form that other programs load without any code of ours. */
export async function exportModel(options: ExportOptions): Promise<Outcome> {
  const { backend, threads, format } = options;
  const [path, out] = [resolve(options.model), resolve(options.out)];
  const model = await readModelFile(path);
  await selectBackend(backend, threads === undefined ? {} : { threads });
  const graph = graphDef(foldConstants(await detectorGraph(model)));
  const description = modelDescription(model);
  const files = graphModelFiles(graph, {
    generatedBy: `fedoxnet-site ${agentVersion()}`,
    metadata: { fedoxnet: description },
  });
  await fillNewFolder(out, async (folder) => {
    for (const { name, content } of files) await writeFileAtomic(join(folder, name), content);
  });
  const bytes = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  const { size, classes } = description;
  const [inputs, outputs] = [Object.keys(description.input), Object.keys(description.outputs)];
  const document = { model: path, format, out, files: files.length, bytes, size, classes, inputs, outputs };
  const text = `${out}: TensorFlow.js graph model, ${files.length} files, ${bytes} bytes; films [batch, ${size}, ${size}, 1] → ${outputs.join(', ')}`;
  return { document, text };
}
