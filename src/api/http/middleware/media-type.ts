/** `Content-Type` of request bodies (RFC 9110, 8.3): which values mean JSON in UTF-8. */

/** A parameter, or nothing between two semicolons; its value is a token or a quoted string. */
const PARAMETER = /;[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:([!#$%&'*+.^_`|~\w-]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*/gy;
/** `utf8` is not a registered name, but many programs write it. */
const UTF_8: readonly string[] = ['utf-8', 'utf8'];

/** Whether `contentType` is `application/json`, with no charset other than UTF-8. Other parameters are ignored (RFC 8259, 11). */
export function isJsonMediaType(contentType: string): boolean {
  const type = /^[ \t]*application\/json[ \t]*/i.exec(contentType)?.[0];
  if (type === undefined) return false;
  const parameters = contentType.slice(type.length);
  let read = 0;
  for (const [text, name, token, quoted] of parameters.matchAll(PARAMETER)) {
    read += text.length;
    const value = token ?? quoted?.replaceAll(/\\(.)/g, '$1') ?? '';
    if (name?.toLowerCase() === 'charset' && !UTF_8.includes(value.toLowerCase())) return false;
  }
  return read === parameters.length;
}
