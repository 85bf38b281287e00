/** TensorFlow and OpenMP read these once, before the first operation. */
export function threadVariables(threads: number | undefined): Record<string, string> {
  if (threads === undefined) return {};
  const count = String(threads);
  return {
    TF_NUM_INTRAOP_THREADS: count,
    TF_NUM_INTEROP_THREADS: '1',
    OMP_NUM_THREADS: count,
  };
}
