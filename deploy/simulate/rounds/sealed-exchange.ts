import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { aggregateUpdates } from '@fedoxnet/coordinator/rounds/aggregate-updates';
import { modelLayout, type ModelLayout } from '@fedoxnet/coordinator/aggregation/model-layout';
import { SumThreads } from '@fedoxnet/coordinator/aggregation/sum-threads';
import { chunkKey, uploadFolder } from '@fedoxnet/coordinator/blobs/blob-store';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import type { SealedFile } from '@fedoxnet/coordinator/blobs/sealed-range';
import { openStoredChunks } from '@fedoxnet/coordinator/blobs/stored-chunks';
import { sealedRelease } from '@fedoxnet/coordinator/releases/read-release';
import { folderOfRelease, plaintextOf, sealRelease } from '@fedoxnet/coordinator/releases/seal-release';
import { sealedState, sealState } from '@fedoxnet/coordinator/releases/server-state';
import type { UploadRow } from '@fedoxnet/coordinator/storage/round-tables';
import type { ReleaseRow } from '@fedoxnet/coordinator/storage/study-tables';
import { travellingShapes } from '@fedoxnet/coordinator/uploads/travelling-shapes';
import { UpdateCheck } from '@fedoxnet/coordinator/uploads/update-check';
import { FederationError } from '@fedoxnet/shared/errors';
import { fromBase64 } from '@fedoxnet/shared/sealing/base64';
import { chunkLength, chunkSeal, sealChunk } from '@fedoxnet/shared/sealing/chunks';
import { DATA_KEY_BYTES, openDataKey } from '@fedoxnet/shared/sealing/data-key';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { verifyHeader } from '@fedoxnet/shared/sealing/signed-header';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import { isControl } from '@fedoxnet/shared/weights/control-variates';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import { shapesOf } from '@fedoxnet/shared/weights/safetensors-header';
import { writeAll } from '@fedoxnet/shared/write-all';
import type { Identity } from '@fedoxnet/site-agent/agent/identity';
import { makeTicket } from '@fedoxnet/site-agent/agent/upload-ticket';
import { WeightsFile } from '@fedoxnet/site-agent/agent/weights-file';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import type { Exchange, ReleaseFile, RoundExchange, UpdateFile } from './exchange.js';

/**
 * A round's updates as they go in the product, less the wire: each is sealed and signed by its hospital, stored, opened and
 * checked chunk by chunk, and summed from the sealed chunks into a sealed release. Keys live as long as the process;
 * no result depends on them.
 */
export class SealedExchange implements Exchange {
  readonly #keys = generateKeys();
  readonly #blobs: FolderBlobStore;
  readonly #threads = new SumThreads();
  readonly #identities = new Map<string, Identity>();
  /** The last release, which the next round starts from. */
  #last: ReleaseRow | null = null;

  private constructor(root: string) {
    this.#blobs = new FolderBlobStore(root);
  }

  /** @param root is emptied: what lies there was sealed under keys that nobody has any more */
  static async open(root: string): Promise<SealedExchange> {
    await rm(root, { recursive: true, force: true });
    const exchange = new SealedExchange(root);
    await exchange.#blobs.prepare();
    return exchange;
  }

  async nextRelease({ plan, round, base, updates, path }: RoundExchange): Promise<ReleaseFile> {
    const model = await layoutOf(base.path, plan.classes.length);
    const row = await this.#sealed(plan, base);
    const uploads: UploadRow[] = [];
    for (const update of updates) uploads.push(await this.#deliver(plan, round, base, model, update));
    const { release } = await aggregateUpdates({
      plan,
      model,
      uploads,
      base: row,
      release: round,
      keys: this.#keys,
      blobs: this.#blobs,
      threads: this.#threads,
    });
    this.#last = { ...release, createdAt: new Date(0) };
    if (release.state !== null) await this.#write(sealedState(release.state, this.#keys), statePath(path));
    const digest = await this.#open(this.#last, path);
    for (const { id } of uploads) await this.#blobs.recycleFolder(uploadFolder(id));
    await this.#blobs.removeFolder(folderOfRelease(row.header));
    return { number: round, path, digest };
  }

  /** The release that the round starts from, sealed anew when another process made it. */
  async #sealed(plan: StudyPlan, base: ReleaseFile): Promise<ReleaseRow> {
    if (this.#last?.header.digest === base.digest) return this.#last;
    const order = { study: plan.study, planHash: planHash(plan), release: base.number };
    const model = await plaintextOf(() => createReadStream(base.path));
    const sealed = await sealRelease(order, model, this.#keys, this.#blobs);
    const kept = statePath(base.path);
    const state = existsSync(kept)
      ? await sealState(order, await plaintextOf(() => createReadStream(kept)), this.#keys, this.#blobs)
      : null;
    return { ...sealed, state, createdAt: new Date(0) };
  }

  async #deliver(
    plan: StudyPlan,
    round: number,
    base: ReleaseFile,
    model: ModelLayout,
    { site, path, masses }: UpdateFile,
  ): Promise<UploadRow> {
    const identity = this.#identityOf(site);
    const entry = {
      ...{ study: plan.study, planHash: planHash(plan), round, attempt: 1, release: base.number },
      ...{ digest: base.digest, deadline: '', ticket: null, delivered: false },
    };
    const ticket = await makeTicket(identity, entry, masses, path, transferOf(plan).update);
    const { header, signature } = ticket;
    const id = `${round}-${site}`;
    const seal = chunkSeal(header, fromBase64(ticket.dataKey, DATA_KEY_BYTES, 'data key'));
    const source = await open(path, 'r');
    try {
      const piece = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      for (let index = 0; index < header.chunks; index++) {
        const { bytesRead } = await source.read(piece, 0, chunkLength(header, index), index * CHUNK_BYTES);
        const sealed = sealChunk(seal, index, piece.subarray(0, bytesRead));
        await this.#blobs.put(chunkKey(uploadFolder(id), index), [sealed], sealed.byteLength);
      }
    } finally {
      await source.close();
    }
    // From here on with the coordinator's eyes.
    if (!verifyHeader(header, signature, publicKeysOf(identity.keys).signKey)) {
      throw new FederationError('SIGNATURE_INVALID', `The update of ${site} is not signed by its key.`);
    }
    const tensors = [...model.tensors].map(([name, { shape }]) => [name, shape] as const);
    const roles = Object.fromEntries([...model.tensors].map(([name, { role }]) => [name, role]));
    const check = new UpdateCheck({ header, plan, shapes: travellingShapes(plan, { tensors, roles }) });
    const opened = chunkSeal(header, openDataKey(header, this.#keys.box.secretKey));
    const stored = { folder: uploadFolder(id), seal: opened };
    for await (const plaintext of openStoredChunks(this.#blobs, stored)) check.push(plaintext);
    check.end();
    const at = new Date(0);
    return {
      id,
      study: plan.study,
      round,
      attempt: 1,
      site,
      header,
      signature,
      completedAt: at,
      createdAt: at,
    };
  }

  /** Opens a release into a file, as a hospital does that downloads it. @returns its digest */
  async #open(row: ReleaseRow, path: string): Promise<string> {
    const found = await this.#write(sealedRelease(row, this.#keys), path);
    if (found !== row.header.digest) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `Release ${row.number} does not have its header's digest.`,
      );
    }
    return found;
  }

  /** Opens a sealed file into a plain one, which appears when it is whole. @returns its digest */
  async #write(sealed: SealedFile, path: string): Promise<string> {
    const temporary = `${path}.part`;
    const file = await open(temporary, 'w', 0o600);
    const digest = new RunningDigest();
    try {
      for await (const piece of openStoredChunks(this.#blobs, sealed)) {
        digest.update(piece);
        await writeAll(file, piece);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return digest.hex();
  }

  #identityOf(site: string): Identity {
    let identity = this.#identities.get(site);
    if (identity === undefined) {
      const coordinator = publicKeysOf(this.#keys);
      identity = { version: 1, site, address: 'http://127.0.0.1', coordinator, keys: generateKeys() };
      this.#identities.set(site, identity);
    }
    return identity;
  }
}

/** Where the state of the server's optimiser lies beside a release. It is there before the release is. */
export function statePath(release: string): string {
  return `${release}.state`;
}

/** As the coordinator reads it from the model that a study begins with. */
async function layoutOf(path: string, classes: number): Promise<ModelLayout> {
  const file = await WeightsFile.open(path);
  try {
    const { metadata } = file.layout;
    const shapes = [...shapesOf(file.layout)].filter(([name]) => !isControl(name));
    return modelLayout(new Map(shapes), JSON.parse(metadata['roles'] ?? 'null'), classes);
  } finally {
    await file.close();
  }
}
