const HIDDEN = new Set(['level', 'time', 'pid', 'name', 'msg', 'err'])

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const words = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)

/** `12:30:01 WARN worker: parsing took long (versionId=… ms=5210)` out of a JSON log line; anything else unchanged. */
export const prettyLine = (line: string): string => {
  let record: unknown
  try {
    record = JSON.parse(line)
  } catch {
    return line
  }
  if (!isRecord(record)) return line
  const fields = Object.entries(record)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${words(value)}`)
  const said = (key: string): string => words(record[key])
  const head = `${said('time').slice(11, 19)} ${said('level').toUpperCase()} ${said('name')}: ${said('msg')}`
  const error = isRecord(record['err']) ? `\n  ${words(record['err']['stack'] ?? record['err']['message'])}` : ''
  return `${head}${fields.length > 0 ? ` (${fields.join(' ')})` : ''}${error}\n`
}
