import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { imageConfigs, nginxConfig } from '../../scripts/cluster/nginx-config.mjs'
import { freePort } from '../../scripts/services/free-port.mjs'
import { findProgram, PROGRAMS } from '../../scripts/services/installed-program.mjs'
import { command } from '../../scripts/services/command.mjs'

/** A process starts while others load the machine. */
const STARTS = { timeout: 20_000, interval: 50 }

let folder: string
let web: Server
let seen: IncomingMessage[]
let nginx: ChildProcess | undefined
let ports: { plain: number; secure: number }

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'quarry-nginx-'))
  // Where root starts it, nginx's processes are somebody else's.
  chmodSync(folder, 0o711)
  for (const part of ['tls', 'run']) mkdirSync(path.join(folder, part))
  seen = []
  web = createServer((incoming, response) => {
    seen.push(incoming)
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await once(web, 'listening')
  ports = { plain: await freePort(), secure: await freePort() }
  const at = (port: number) => `127.0.0.1:${port}`
  const common = {
    ...{ servers: [at((web.address() as AddressInfo).port)], run: path.join(folder, 'run') },
    ...{ accessLog: '/dev/null', errorLog: 'stderr', uploadMaxBytes: 1024 },
  }
  const tls = { cert: path.join(folder, 'tls', 'tls.crt'), key: path.join(folder, 'tls', 'tls.key') }
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text)
  write('nginx.conf', nginxConfig({ ...common, listen: at(ports.plain) }))
  write('nginx-tls.conf', nginxConfig({ ...common, listen: at(ports.secure), tls, plain: at(ports.plain) }))
})
afterEach(async () => {
  if (nginx !== undefined && nginx.exitCode === null && nginx.signalCode === null) {
    const ended = once(nginx, 'exit')
    nginx.kill('SIGTERM')
    await ended
  }
  nginx = undefined
  web.closeAllConnections()
  web.close()
  rmSync(folder, { recursive: true, force: true })
})

const makeCertificate = () =>
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
      ...['-keyout', path.join(folder, 'tls', 'tls.key'), '-out', path.join(folder, 'tls', 'tls.crt')],
    ],
    { stdio: 'ignore' },
  )

/** As the container does. */
const start = async () => {
  const program = await findProgram(PROGRAMS.nginx, (line) => console.log(line))
  nginx = spawn('sh', [path.join(import.meta.dirname, 'start.sh')], {
    env: { ...process.env, NGINX_PROGRAM: program, NGINX_FOLDER: folder },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await vi.waitFor(() => plainly('/api/health/live'), STARTS)
}

const plainly = (where: string) =>
  new Promise<{ status: number | undefined; location: string | undefined }>((resolve, reject) => {
    get(`http://127.0.0.1:${ports.plain}${where}`, { agent: false, headers: { host: 'quarry.test' } }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, location: response.headers.location })
    }).on('error', reject)
  })

/** The protocol that both agreed on, and the answer over it. */
const securely = async (where: string) => {
  const session = connect(`https://127.0.0.1:${ports.secure}`, { rejectUnauthorized: false })
  try {
    await once(session, 'connect')
    const request = session.request({ ':path': where, ':authority': 'quarry.test' })
    const [headers] = (await once(request, 'response')) as [Record<string, unknown>]
    let text = ''
    for await (const part of request) text += String(part)
    return { protocol: session.alpnProtocol, status: headers[':status'], text }
  } finally {
    session.close()
  }
}

describe('nginx of docker/compose.yaml', () => {
  it.each(Object.entries(imageConfigs()))('has %s as the template makes it', (name, text) => {
    expect(readFileSync(path.join(import.meta.dirname, name), 'utf8')).toBe(text)
  })

  it('speaks plain HTTP where no certificate is mounted', async () => {
    await start()
    expect(await plainly('/documents')).toEqual({ status: 200, location: undefined })
    expect(seen.at(-1)?.headers).toMatchObject({ 'x-forwarded-proto': 'http', host: 'quarry.test' })
    await expect(securely('/documents')).rejects.toThrow('ECONNREFUSED')
  })

  it('speaks HTTP/2 over TLS where one is, and sends who comes without it there', async () => {
    makeCertificate()
    await start()
    expect(await securely('/documents')).toEqual({ protocol: 'h2', status: 200, text: 'ok' })
    expect(seen.at(-1)?.headers).toMatchObject({ 'x-forwarded-proto': 'https', host: 'quarry.test' })
    expect(await plainly('/documents?page=2')).toEqual({
      ...{ status: 308, location: 'https://quarry.test/documents?page=2' },
    })
    // The health check of the container asks here, and knows no certificate.
    expect(await plainly('/api/health/live')).toEqual({ status: 200, location: undefined })
  })

  it.each(['nginx.conf', 'nginx-tls.conf'])('%s is one that nginx takes', async (name) => {
    makeCertificate()
    const program = await findProgram(PROGRAMS.nginx, (line) => console.log(line))
    const { code, stderr } = await command(program, ['-t', '-q', '-e', 'stderr', '-c', path.join(folder, name)])
    expect([code, stderr]).toEqual([0, ''])
  })
})
