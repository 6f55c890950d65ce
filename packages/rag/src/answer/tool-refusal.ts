/** A tool's failure in words for the model, which may try something else. */
export class ToolRefusal extends Error {
  override readonly name = 'ToolRefusal'
}
