/** A query or mutation in the form that the caller's client has: browsers send batches, keys single calls. */
const requestFor = (user, procedure, input, isMutation) => {
  const whole = JSON.stringify(user.isBrowser ? { 0: input } : input)
  const batch = user.isBrowser ? 'batch=1' : ''
  return isMutation
    ? { method: 'POST', path: `/api/trpc/${procedure}${batch === '' ? '' : `?${batch}`}`, body: whole, read: true }
    : { path: `/api/trpc/${procedure}?${batch === '' ? '' : `${batch}&`}input=${encodeURIComponent(whole)}` }
}

/** Makes a call and records it. @returns its answer, with `data` where it went well and is read. */
export const callApi = async (user, records, procedure, input, { isMutation = false, read = false } = {}) => {
  const request = requestFor(user, procedure, input, isMutation)
  const answer = await user.connection.call({ ...request, read: read || isMutation })
  records.request(procedure, answer)
  if (answer.kind !== 'ok' || answer.text === '') return answer
  const body = JSON.parse(answer.text)
  return { ...answer, data: (user.isBrowser ? body[0] : body).result.data }
}
