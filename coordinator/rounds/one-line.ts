const MAX_REASON = 500;

/** Text of a site, fit for one line of a table and for the database, which takes no NUL and no half of a surrogate pair. */
export function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_REASON)
    .replace(/\p{Cs}/gu, '\ufffd');
}
