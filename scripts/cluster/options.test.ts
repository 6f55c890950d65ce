import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readArguments } from './options.mjs'

const read = (line: string, cores = 2) => readArguments(line.split(' ').filter(Boolean), '/here', cores)

describe('what is asked of the cluster', () => {
  it('is a start with as many replicas as cores, but two at least', () => {
    expect(read('')).toMatchObject({ command: 'start', replicas: 2, workers: 1, port: 8080, host: '127.0.0.1' })
    expect(read('', 1)).toMatchObject({ replicas: 2, workers: 1 })
    expect(read('', 8)).toMatchObject({ replicas: 8, workers: 4 })
    expect(read('--replicas 3 --workers 2 --port 80')).toMatchObject({ replicas: 3, workers: 2, port: 80 })
  })

  it('is a command with what it takes', () => {
    expect(read('status --json')).toMatchObject({ command: 'status', json: true })
    expect(read('scale web=4 worker=3')).toMatchObject({ command: 'scale', sizes: { web: 4, worker: 3 } })
    expect(read('roll --build ../next')).toMatchObject({ command: 'roll', build: path.resolve('/next') })
    expect(read('logs web-1 -f')).toMatchObject({ command: 'logs', name: 'web-1', follow: true })
    expect(read('stop --data /there')).toMatchObject({ command: 'stop', folder: '/there' })
    expect(read('roll --help')).toEqual({ command: 'help' })
  })

  it.each([
    ['dance', 'no command “dance”'],
    ['--replicas 0', '--replicas must be a whole number from 1'],
    ['--port 99999', '--port must be a whole number from 1 to 65535'],
    ['--tls-cert a.pem', 'belong together'],
    ['scale', 'Scale what?'],
    ['scale db=2', 'Say web=<n> or worker=<n>'],
    ['scale web=x', 'web must be a whole number'],
    ['stop now', 'no place for “now”'],
    ['status --loud', 'Unknown option'],
  ])('says of %o what is wrong, and where to read', (line, sentence) => {
    expect(() => read(line)).toThrow(sentence)
    expect(() => read(line)).toThrow('--help')
  })
})
