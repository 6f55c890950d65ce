import { readFileSync } from 'node:fs'
import path from 'node:path'
import { codeFiles } from '../../scripts/check/source-files.mjs'

/**
 * Properties that must never be lost, by the numbers under which they are kept. A test belongs to one when the title of
 * its outermost `describe` begins with `check <number>:`. Each has tests whose title begins with `mutation:`, which take a
 * protection away and want the others to notice, and with `control:`, which show that what is protected is there at all.
 */
export const CHECKS = {
  1: 'Nobody reaches through an id what is not theirs: every procedure and every route',
  2: 'No transaction sees the tenant of another that had its connection before',
  3: 'Row-level security: the catalogue, and what each role gets',
  8: 'Two organisations share nothing of what is cached, and every key says whose it is',
  10: 'Every call settles while PostgreSQL fails in some way, and all is well soon after it is',
  11: 'Workers that are killed or paused at any moment: files end right, once, and late writers change nothing',
  12: 'Replicas are replaced one after the other, and nobody who asks or reads along notices',
  15: 'Streams: so many for each, nothing is left of those that ended, and who does not read is dropped',
  16: 'Redis refused, silent, slow, absent or flapping: everything goes on, and limits hold',
  18: 'Fields that decide about rows, and forged jobs, change nothing',
  19: 'Limits hold in batches and over several web servers',
  20: 'The database is recovered to a moment on a clean server, equal and as well guarded; what is damaged is told; of a deleted organisation nothing is left, and of others everything',
  21: 'Jobs that fail whatever is done end visibly, soon enough, and hold up nobody',
  22: 'The schema changes under replicas that work: migrators meet, nothing is skipped, nobody waits for a second',
  23: 'A reader who comes back, anywhere and after whatever was lost, misses nothing and is told nothing twice',
  24: 'A small organisation finds by meaning all it has, whatever others hold near it',
  29: 'A replica is killed in the middle of answers, uploads and changes: all go on elsewhere, once, and nothing is left over',
  30: 'The same question with the same key is asked once, whoever dies meanwhile',
  31: 'Locks, slow statements, idle transactions and a full pool are told in time',
  32: "What Redis loses is computed again, and nobody is told what is somebody else's",
  33: 'A neighbour who uploads and asks all the time slows nobody else down, and has nobody refused',
  36: 'More than a process can do is refused at once with a time to come back, and what is let in is answered in time',
  38: 'Nothing that is somebody’s is kept for another: answers, cookies, hosts and paths that a caller claims',
  39: 'No secret leaves: every class of answer has its headers, and bundle, errors and logs name none',
}

const ROOT = path.join(import.meta.dirname, '..', '..')
/** For each check the files with tests of it, by what stands in them. */
export const filesOfChecks = () => {
  const files = codeFiles(ROOT)
    .filter((file) => /\.test\.tsx?$/.test(file))
    .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }))
  return Object.keys(CHECKS).map((number) => ({
    number: Number(number),
    title: CHECKS[number],
    files: files.filter(({ text }) => new RegExp(`['"\`]check ${number}:`).test(text)).map(({ file }) => file),
  }))
}

/** The number of the check that a test belongs to, from the title of its outermost describe; undefined for none. */
export const numberOf = (outermost) => {
  const number = /^check (\d+):/.exec(outermost ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}
