import { describe, expect, it } from 'vitest'
import { parseArguments, wholeNumber } from './arguments.ts'
import { CommandFailure } from './failure.ts'

const SPECS = {
  limit: { type: 'string', value: 'n', help: '' },
  json: { type: 'boolean', help: '' },
  wait: { type: 'optional', value: 'more', help: '' },
} as const

const failureOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof CommandFailure) return error.message
    throw error
  }
  return 'no failure'
}

describe('parseArguments', () => {
  it('reads options before, between and after words', () => {
    const parsed = parseArguments('search', SPECS, ['--limit', '3', 'notice', '--json', 'period'])
    expect(parsed).toEqual({ options: { limit: '3', json: true }, positionals: ['notice', 'period'], helpAsked: false })
  })

  it('leaves what is not given out', () => {
    expect(parseArguments('search', SPECS, []).options).toEqual({})
  })

  it('takes everything after -- as words', () => {
    expect(parseArguments('search', SPECS, ['--', '--json']).positionals).toEqual(['--json'])
  })

  it('tells a bare flag from one with a value, and takes no word for its value', () => {
    const bare = parseArguments('ingest', SPECS, ['--wait', 'docs'])
    expect([bare.options.wait, bare.positionals]).toEqual(['', ['docs']])
    expect(parseArguments('ingest', SPECS, ['docs', '--wait=more']).options.wait).toBe('more')
    expect(parseArguments('ingest', SPECS, ['--', '--wait']).positionals).toEqual(['--wait'])
  })

  it('asks for help with --help and -h', () => {
    expect(parseArguments('search', SPECS, ['--help']).helpAsked).toBe(true)
    expect(parseArguments('search', SPECS, ['-h']).helpAsked).toBe(true)
  })

  it('names the nearest option for a misspelt one', () => {
    expect(failureOf(() => parseArguments('search', SPECS, ['--jsno']))).toBe(
      'Unknown option --jsno for quarry search. Did you mean --json?',
    )
  })

  it('points to the help where nothing is near', () => {
    expect(failureOf(() => parseArguments('search', SPECS, ['--verbose']))).toBe(
      'Unknown option --verbose for quarry search. See: quarry search --help',
    )
  })

  it('says when a value is missing, or given to a flag', () => {
    expect(failureOf(() => parseArguments('search', SPECS, ['--limit']))).toMatch(/^--limit needs a value\./u)
    expect(failureOf(() => parseArguments('search', SPECS, ['--json=yes']))).toMatch(/^--json takes no value\./u)
  })
})

describe('wholeNumber', () => {
  const range = { min: 1, max: 100 }
  it('reads numbers within the range', () => {
    expect(wholeNumber('limit', '100', range)).toBe(100)
    expect(wholeNumber('limit', undefined, range)).toBeUndefined()
  })
  it.each(['0', '101', '1.5', '-1', '1e1', 'ten', ''])('refuses %o', (value) => {
    expect(failureOf(() => wholeNumber('limit', value, range))).toMatch(/whole number from 1 to 100/u)
  })
})
