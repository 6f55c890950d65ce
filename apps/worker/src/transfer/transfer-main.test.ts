import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { helpOf, TRANSFER_COMMANDS } from './commands.ts'
import { startTransfer } from './testing/transfer-command.ts'

test.each([
  ['no address', ['move'], /^quarry move needs --to/],
  ['an option that is none', ['move', '--too', 'x'], /^Unknown option '--too'.*See: quarry move --help$/],
  ['an address that is none', ['move', '--to', 'mysql://u:hunter2@x/y'], /^DATABASE_URL must be a postgres/],
  ['a key that is missing', ['move', '--to', 'postgres://x/y', '--blobs', 's3://docs'], /S3_ACCESS_KEY_ID must be set/],
  ['a backup that is not there', ['restore', '--from', '/nowhere'], /^\/nowhere is not there/],
  ['a folder that is no backup', ['restore', '--from', tmpdir()], /is no backup: it has no manifest/],
  ['a data folder without a database', ['backup'], /^There is no database in/],
])('%s ends with one line that says what to do, and code 1', { timeout: 60_000 }, async (_what, args, message) => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-transfer-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { code, stdout, stderr } = await startTransfer(args, { QUARRY_DATA: folder }).ended
  expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 })
  expect(stderr.trimEnd()).toMatch(message)
  expect(stderr).not.toContain('hunter2')
})

test('every command explains itself', () => {
  for (const command of TRANSFER_COMMANDS)
    expect(helpOf(command)).toMatch(/^quarry .*\n\n.*\n[^]*Examples:\n {2}quarry /)
})
