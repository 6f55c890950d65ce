import { describe, expect, it } from 'vitest'
import { returnPath } from './return-path.ts'

describe('returnPath', () => {
  it('keeps a path of this site with its query', () => {
    expect(returnPath('/chat/1?source=2')).toBe('/chat/1?source=2')
  })

  it.each([null, '', 'https://evil.test', '//evil.test', '/\\evil.test', 'javascript:alert(1)', '/\t/evil.test'])(
    'never leaves the site: %s',
    (next) => {
      expect(returnPath(next)).toBe('/')
    },
  )
})
