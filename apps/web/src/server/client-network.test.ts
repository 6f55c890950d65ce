import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { clientNetwork, notePeers, PEER_HEADER } from './client-network.ts'

const of = (peer: string, forwarded: string | null, trusted = 0) =>
  clientNetwork(
    new Headers({ [PEER_HEADER]: peer, ...(forwarded === null ? {} : { 'x-forwarded-for': forwarded }) }),
    trusted,
  )

it.each([
  ['192.0.2.1', null, 0, '192.0.2.1'],
  ['192.0.2.1', '203.0.113.9', 0, '192.0.2.1'],
  ['10.0.0.1', '203.0.113.9', 1, '203.0.113.9'],
  ['10.0.0.1', '1.1.1.1, 2.2.2.2, 203.0.113.9', 1, '203.0.113.9'],
  ['10.0.0.2', '1.1.1.1, 203.0.113.9, 10.0.0.1', 2, '203.0.113.9'],
  ['10.0.0.1', null, 2, ''],
  ['::ffff:192.0.2.1', null, 0, '192.0.2.1'],
  ['2001:db8:0:1::5', null, 0, '2001:db8:0:1::/64'],
  ['2001:0DB8:0000:0001:ffff:ffff:ffff:ffff', null, 0, '2001:db8:0:1::/64'],
  ['::1', null, 0, '0:0:0:0::/64'],
])('peer %s that forwards %s behind %i proxies is %s', (peer, forwarded, trusted, network) => {
  expect(of(peer, forwarded, trusted)).toBe(network)
})

it('the peer is the one of the socket, whatever the caller says', async () => {
  notePeers()
  const server = createServer((incoming, response) => response.end(String(incoming.headers[PEER_HEADER])))
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sent = request({ host: '127.0.0.1', port, headers: { [PEER_HEADER]: '6.6.6.6' } }).end()
  const [response] = await once(sent, 'response')
  const [body] = await once(response, 'data')
  expect(String(body)).toBe('127.0.0.1')
})
