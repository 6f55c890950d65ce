import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockDataFolder, openDataFolder, tryLockDataFolder } from './data-lock.mjs'

let folder: string
const lock = (): string => path.join(folder, 'lock')

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'quarry-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('is there while it is held, and gone afterwards', () => {
  const release = lockDataFolder(folder, 'http://here')
  expect(JSON.parse(readFileSync(lock(), 'utf8'))).toEqual({ pid: process.pid, address: 'http://here' })
  release()
  expect(existsSync(lock())).toBe(false)
})

it('refuses while another boot holds it, and says where that one is', () => {
  // Its command line is what tells a boot from another program with the same id.
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', 'boot.mjs'])
  try {
    writeFileSync(lock(), JSON.stringify({ pid: other.pid, address: 'http://there' }))
    expect(tryLockDataFolder(folder, 'quarry flags')).toEqual({ holder: { pid: other.pid, address: 'http://there' } })
    expect(() => lockDataFolder(folder, 'http://here')).toThrow(
      `already runs on ${folder} (process ${other.pid}, http://there)`,
    )
  } finally {
    other.kill('SIGKILL')
  }
})

it.each([
  ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, address: '' })],
  ['of another program that got the id', JSON.stringify({ pid: 1, address: '' })],
  ['that is torn', '{"pi'],
])('takes over a lock %s', (_, text) => {
  writeFileSync(lock(), text)
  const release = lockDataFolder(folder, 'http://here')
  expect(JSON.parse(readFileSync(lock(), 'utf8')).pid).toBe(process.pid)
  release()
})

it('says which folder cannot be written', () => {
  const file = path.join(folder, 'a-file')
  writeFileSync(file, '')
  expect(() => openDataFolder(path.join(file, 'below'))).toThrow(
    `The data folder ${path.join(file, 'below')} cannot be written`,
  )
})
