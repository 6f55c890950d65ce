import { describe, expect, it } from 'vitest'
import { createLogger, redactText, withRequestContext, type Logger } from './index.ts'

const record = (speak: (logger: Logger) => void, pretty = false): string[] => {
  const lines: string[] = []
  speak(createLogger({ name: 'test', pretty, destination: { write: (line) => void lines.push(line) } }))
  return lines
}

describe('a log line', () => {
  it('carries the request context of the moment, also after an await', async () => {
    const lines: string[] = []
    const logger = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } })
    await Promise.all(
      ['a', 'b'].map((requestId) =>
        withRequestContext({ requestId }, async () => {
          await Promise.resolve()
          logger.info({ of: requestId }, 'done')
        }),
      ),
    )
    const records = lines.map((line): Record<string, unknown> => JSON.parse(line))
    expect(records.map((entry) => [entry['of'], entry['requestId']])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ])
  })

  it.each([
    ['a password field', { password: 'hunter22' }],
    ['a key of ours deep inside', { user: { keys: [{ apiKey: 'hunter22' }] } }],
    ['a header', { headers: { authorization: 'Bearer hunter22', cookie: 'session=hunter22' } }],
    ['the text of a document', { page: { text: 'hunter22 is in the contract' } }],
    ['a question', { question: 'what is hunter22?' }],
    ['an address with a password', { url: 'postgres://login:hunter22@db/quarry' }],
    ['an error that quotes an address', { err: new Error('cannot reach postgres://login:hunter22@db') }],
    ['the cause of an error', { err: new Error('no', { cause: new Error('key qk_hunter22hunter22 is wrong') }) }],
  ])('hides %s', (_, fields) => {
    const [line = ''] = record((logger) => logger.warn(fields, 'seen'))
    expect(line).toContain('"msg":"seen"')
    expect(line).not.toContain('hunter22')
  })

  it('hides secrets in the sentence and in a bare error', () => {
    const lines = record((logger) => {
      logger.error('cannot use qk_hunter22hunter22')
      logger.error(new Error('cannot use postgres://login:hunter22@db'))
    })
    expect(lines).toHaveLength(2)
    expect(lines.join('')).not.toContain('hunter22')
    expect(lines[1]).toContain('cannot use postgres')
  })

  it('keeps counts, codes and stacks', () => {
    const [line = ''] = record((logger) =>
      logger.info({ token: 12, err: Object.assign(new Error('gone'), { code: 'E1' }) }),
    )
    const entry: Record<string, Record<string, unknown>> = JSON.parse(line)
    expect(entry['token']).toBe(12)
    expect(entry['err']).toMatchObject({ message: 'gone', code: 'E1' })
    expect(entry['err']?.['stack']).toContain('logger.test.ts')
  })

  it('survives a cycle', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    expect(record((logger) => logger.info(cycle, 'round'))[0]).toContain('[deep]')
  })

  it('reads as a sentence when pretty', () => {
    const [line = ''] = record((logger) => logger.info({ count: 3 }, 'three files'), true)
    expect(line).toMatch(/^\d\d:\d\d:\d\d INFO test: three files \(count=3\)\n$/)
  })
})

it('leaves an address without a password alone', () => {
  expect(redactText('see http://127.0.0.1:3000/a and postgres://db')).toBe(
    'see http://127.0.0.1:3000/a and postgres://db',
  )
})
