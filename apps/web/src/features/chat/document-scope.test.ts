import { documentId } from '@quarry/contracts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { askAboutHref, MAX_SCOPE_DOCUMENTS, parseDocumentScope } from './document-scope.ts'

const ids = fc.uniqueArray(
  fc.uuid({ version: 7 }).map((id) => documentId.parse(id)),
  { maxLength: 120 },
)
const paramOf = (href: string) => new URL(href, 'http://quarry.test').searchParams.get('documents')

it('comes back from its address, up to what one question may be limited to', () => {
  fc.assert(
    fc.property(ids, (given) => {
      expect(parseDocumentScope(paramOf(askAboutHref(given)))).toEqual(given.slice(0, MAX_SCOPE_DOCUMENTS))
    }),
  )
})

it('leaves out what is no id, and says each once', () => {
  const id = documentId.parse('0190a8c0-0000-7000-8000-000000000000')
  expect(parseDocumentScope(`${id},x,,${id}`)).toEqual([id])
  expect(parseDocumentScope(null)).toEqual([])
})
