import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

/** Debian's names of what a peer in Python may import, by module. */
const MODULES = {
  fastapi: 'python3-fastapi',
  uvicorn: 'python3-uvicorn',
  uvloop: 'python3-uvloop',
  httptools: 'python3-httptools',
  gunicorn: 'gunicorn',
  asyncpg: 'python3-asyncpg',
  redis: 'python3-redis',
  jwt: 'python3-jwt',
  httpx: 'python3-httpx',
}
/** wrk, because what measures must take less of the machine than what is measured: autocannon takes a whole core. */
const PROGRAMS = { wrk: 'wrk', psql: 'postgresql-client' }

const works = (file, args) => spawnSync(file, args, { stdio: 'ignore' }).error === undefined

/** What is missing for this bench, as a sentence that says what to do; null when it can begin. */
export const missingFor = (folder) => {
  if (folder === undefined) return 'Which peer? Give its folder: npm run bench -- peer --peer <folder>'
  if (!existsSync(path.join(folder, 'run')))
    return `There is no program "run" in ${folder}: a peer is started by "run MODE WORKERS PORT" in its folder.`
  const script = `import importlib.util as u; print(*[m for m in ${JSON.stringify(Object.keys(MODULES))} if not u.find_spec(m)])`
  const python = spawnSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' })
  const absent = python.error === undefined ? python.stdout.split(/\s+/).filter(Boolean) : Object.keys(MODULES)
  const packages = [
    ...absent.map((module) => MODULES[module]),
    ...Object.keys(PROGRAMS)
      .filter((program) => !works(program, ['--version']))
      .map((program) => PROGRAMS[program]),
  ]
  return packages.length === 0 ? null : `Not there: ${packages.join(' ')}. Install them (Debian: apt-get install).`
}
