import type { Variable } from './variable.ts'
import { VARIABLES } from './variables.ts'

const WIDTH = 110

/** The text of `.env.example`: every variable with its reason and default, all commented out, by group. */
export const exampleFile = (): string => {
  const lines = [
    '# Every variable that Quarry knows. None has to be set. Copy this file to .env and take the # away to change one.',
    '# Printed from packages/config/src/variables.ts by: node packages/config/src/print-example.ts > .env.example',
  ]
  const entries: [string, Variable][] = Object.entries(VARIABLES)
  let group: string | undefined
  for (const [name, variable] of entries) {
    if (variable.group !== group) {
      group = variable.group
      lines.push('', `## ${group}`)
    }
    const text = variable.replacement === undefined ? variable.reason : `Ignored: ${variable.replacement}.`
    lines.push('', ...wrap(text).map((line) => `# ${line}`), `#${name}=${variable.default ?? ''}`)
  }
  return `${lines.join('\n')}\n`
}

const wrap = (text: string): string[] => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
