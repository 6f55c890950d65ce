import { describe, expect, it } from 'vitest'
import { safeLink } from './safe-link.ts'

describe('safeLink', () => {
  it('names the host that it leads to', () => {
    expect(safeLink('https://example.org/a?b#c')).toEqual({
      href: 'https://example.org/a?b#c',
      destination: 'example.org',
    })
    expect(safeLink('mailto:a@example.org')?.destination).toBe('a@example.org')
  })

  it('shows the true host of an address that pretends to be another', () => {
    expect(safeLink('https://bank.example@evil.test/')?.destination).toBe('evil.test')
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', ' file:///etc/passwd', '/relative', '', undefined])(
    'refuses %s',
    (href) => {
      expect(safeLink(href)).toBeNull()
    },
  )
})
