import { AppError } from '@quarry/contracts'
import { JobFailure } from '@quarry/jobs'
import { expect, test } from 'vitest'
import { describeJobError } from './job-error.ts'

test('a known reason is kept by its name and in its words, without a stack', () => {
  expect(describeJobError(new JobFailure('damaged', 'The file is damaged.'))).toEqual({
    errorClass: 'damaged',
    errorMessage: 'The file is damaged.',
    errorStack: null,
  })
})

test('of an error that nobody has worded, only its class and where it was are kept', () => {
  const { errorClass, errorMessage, errorStack } = describeJobError(new TypeError('the text of a document'))
  expect(errorClass).toBe('TypeError')
  expect(errorMessage).not.toContain('document')
  expect(errorStack).toContain('job-error.test.ts')
  expect(errorStack).not.toContain('the text of a document')
})

test('an error of ours keeps its sentence', () => {
  expect(describeJobError(new AppError('unavailable'))).toMatchObject({ errorClass: 'unavailable' })
})
