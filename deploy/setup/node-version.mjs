/** Oldest Node that the packages run on; `engines` in package.json says the same. */
const OLDEST = { major: 20, minor: 19 };

/** Ends the process with one line when this Node is too old. */
export function requireNode(version = process.versions.node) {
  if (isRecentEnough(version)) return;
  console.error(
    `setup: Node ${version} is too old: fedoxnet needs ${OLDEST.major}.${OLDEST.minor} or later. Install it and start again.`,
  );
  process.exit(69);
}

/** @param {string} version like 20.19.1 */
export function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}
