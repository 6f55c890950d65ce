import { expect, it } from 'vitest'
import { BUILD_HEADER, createBuildWatch } from './build.ts'

const OWN = '1000.own'
const answer = (build: string, status = 200) => ({ status, headers: new Headers({ [BUILD_HEADER]: build }) })
const watch = (own = OWN) => {
  const made = createBuildWatch(() => own)
  let told = 0
  made.subscribe(() => (told += 1))
  return { ...made, told: () => told }
}

it('says once that a newer release answers', () => {
  const page = watch()
  page.look(answer(OWN))
  expect(page.isOld()).toBe(false)
  page.look(answer('1001.next'))
  page.look(answer('1002.after'))
  page.look(answer(OWN))
  expect(page.isOld()).toBe(true)
  expect(page.told()).toBe(1)
})

it.each([
  ['an older one, which is being replaced', '999.before', 200],
  ['its own, whatever it refuses', OWN, 404],
  ['one that does not say', '', 404],
])('says nothing because of %s', (_, build, status) => {
  const page = watch()
  page.look(answer(build, status))
  expect(page.isOld()).toBe(false)
})

it.each([400, 404])('says so when an older one, put back, refuses with %s what the page asks for', (status) => {
  const page = watch()
  page.look(answer('999.before', status))
  expect(page.isOld()).toBe(true)
})

it('knows nothing in development, where nothing is built', () => {
  const page = watch('')
  page.look(answer('1001.next', 404))
  expect(page.isOld()).toBe(false)
})
