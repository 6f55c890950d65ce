import { spawn } from 'node:child_process'

/**
 * Runs a command to its end and gives back what it wrote. Never throws: a command that is not there ends with code 127.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {object} [options] spawn's own, and `timeoutMs` (then SIGKILL) and `input` (standard input)
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export const command = (file, args, { timeoutMs, input, ...options } = {}) =>
  new Promise((resolve) => {
    const child = spawn(file, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'], ...options })
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (part) => (stdout += part))
    child.stderr.on('data', (part) => (stderr += part))
    child.stdin?.end(input)
    const end = (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    }
    child.on('error', (error) => {
      stderr += error.message
      end(127)
    })
    // 'exit' and not 'close': a server that was started in the background keeps our pipe open.
    child.on('exit', (code) => setImmediate(end, code ?? 137))
  })

/** As `command`, but a failure is an Error that says what was tried and the last lines that came back. */
export const mustRun = async (file, args, options) => {
  const result = await command(file, args, options)
  if (result.code === 0) return result
  const tail = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n')
  throw new Error(`${file} ${args.join(' ')} ended with code ${result.code}\n${tail}`)
}

/** Whether a program is on PATH. */
export const has = async (program) => (await command('sh', ['-c', `command -v ${program}`])).code === 0
