/**
 * What the native library reads from the environment when it loads; set before the first import of the addon. A value
 * that the operator already set stays.
 * @param threads threads within one op, for TensorFlow's own pool and for oneDNN's
 */
export function setNativeEnvironment(
  environment: NodeJS.ProcessEnv,
  wish: 'auto' | 'gpu' | 'cpu',
  threads?: number,
): void {
  // 2: errors only. Its start-up notes are of no use to a site and would run through the progress bars.
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // Take GPU memory as it is needed: several sites may share one card.
  environment['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  // Ops run one after the other, so a second pool between them would only cost.
  environment['TF_NUM_INTEROP_THREADS'] ??= '1';
  if (wish === 'cpu') environment['CUDA_VISIBLE_DEVICES'] = '-1';
  if (threads !== undefined) {
    environment['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
    environment['OMP_NUM_THREADS'] ??= String(threads);
  }
}
