import { describe, expect, it } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { readEnv } from './env.ts'
import { CommandFailure } from './failure.ts'
import { runProgram } from './program.ts'
import { makeTerminal } from './terminal/terminal.ts'

const run = async (...argv: string[]): Promise<{ code: number; out: string }> => {
  let out = ''
  const stdout = { write: (text: string | Uint8Array) => ((out += String(text)), true) }
  const terminal = makeTerminal(stdout, { write: () => true }, { colour: false })
  const context = {
    env: readEnv({}, '/'),
    terminal,
    signal: new AbortController().signal,
    connect: () => Promise.reject(new CommandFailure('No server is needed for this.')),
  }
  return { code: await runProgram(context, argv), out }
}

describe('runProgram', () => {
  it('lists every command without one, and with --help', async () => {
    for (const argv of [[], ['--help'], ['-h'], ['help']]) {
      const { code, out } = await run(...argv)
      expect(code).toBe(0)
      for (const { name, summary } of COMMANDS) {
        expect(out).toContain(`\n  ${name} `)
        expect(out).toContain(summary)
      }
    }
  })

  it.each(COMMANDS.map(({ name }) => name))('explains %s with examples that it accepts', async (name) => {
    const { code, out } = await run(name, '--help')
    expect(code).toBe(0)
    expect((await run('help', name)).out).toBe(out)
    const examples = out.split('Examples:\n')[1]?.trim().split('\n') ?? []
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      expect(example.trim()).toMatch(new RegExp(`^quarry ${name}\\b`, 'u'))
      const words = [...example.matchAll(/"([^"]*)"|(\S+)/gu)].map(([, quoted, bare]) => quoted ?? bare ?? '')
      // Everything but the work itself is understood: an example with an unknown option would fail before it.
      await expect(run(...words.slice(1), '--help')).resolves.toMatchObject({ code: 0 })
    }
  })

  it('says which version this is', async () => {
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/u)
  })

  it('refuses what it does not know, with a hint', async () => {
    await expect(run('serach')).rejects.toThrow('There is no command serach. Did you mean search?')
    await expect(run('--json', 'search')).rejects.toThrow('The command comes first.')
  })

  it.each(['ingest', 'ask', 'search', 'eval'])('asks %s for what is missing', async (name) => {
    await expect(run(name)).rejects.toThrow(`See: quarry ${name} --help`)
  })
})
