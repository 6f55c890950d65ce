import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findProgram } from './installed-program.mjs'

let folder: string
/** Called so that no machine has it. */
const program = {
  title: 'Quarry test server 7 or newer',
  variable: 'TEST_OF_A_PROGRAM',
  names: ['quarry-test-server', 'quarry-test-server-2'],
  oldest: [7, 0] as [number, number],
  debianPackage: 'quarry-test-server',
}
const say = (message: string) => {
  throw new Error(`nothing takes long here: ${message}`)
}
const install = (name: string, version: string): string => {
  const file = path.join(folder, name)
  writeFileSync(file, `#!/bin/sh\necho "Test server v=${version}"\n`)
  chmodSync(file, 0o755)
  return file
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'quarry-program-'))
  // Nothing else, so that nothing can be installed from here.
  vi.stubEnv('PATH', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('the first program on PATH that is new enough is taken', async () => {
  install('quarry-test-server', '6.2.7')
  await expect(findProgram(program, say)).rejects.toThrow(
    'install Quarry test server 7 or newer, or set TEST_OF_A_PROGRAM to its program',
  )
  const newer = install('quarry-test-server-2', '7.0.0')
  expect(await findProgram(program, say)).toBe(newer)
  const best = install('quarry-test-server', '10.1.0')
  expect(await findProgram(program, say)).toBe(best)
})

test('one that a variable names is taken as it is, and missed aloud', async () => {
  const file = install('another', '1.0')
  vi.stubEnv('TEST_OF_A_PROGRAM', 'another')
  expect(await findProgram(program, say)).toBe(file)
  vi.stubEnv('TEST_OF_A_PROGRAM', '/nowhere/server')
  await expect(findProgram(program, say)).rejects.toThrow('TEST_OF_A_PROGRAM names /nowhere/server, which is not there')
})
