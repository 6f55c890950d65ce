// `npm run bench -- <name>`: runs bench/<name>.mjs, each of which prints one JSON object on stdout.
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs') && file !== basename(import.meta.filename))
  .map((file) => basename(file, '.mjs'))
const [name] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

if (name === undefined || !names.includes(name)) {
  console.error(
    `${name === undefined ? 'Which benchmark?' : `There is no benchmark “${name}”.`} There are: ${names.join(', ')}`,
  )
  process.exit(1)
}
await import(`./${name}.mjs`)
