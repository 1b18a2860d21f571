/** `Content-Type` of bodies (RFC 9110, 8.3): which ones are JSON in UTF-8. */

/** A parameter, or nothing between two semicolons; its value as it is, or in quotes. */
const PARAMETER = /;[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:([!#$%&'*+.^_`|~\w-]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*/gy;
/** `utf8` is no registered name, but what many programs write. */
const UTF_8: readonly string[] = ['utf-8', 'utf8'];

/** Whether `contentType` is `application/json`, in UTF-8 where it names a charset. Other parameters mean nothing (RFC 8259, 11). */
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
