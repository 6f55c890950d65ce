/**
 * One circle out of every strongly connected part of a graph (Tarjan 1972), each in the order of its edges.
 *
 * @param {Map<string, Set<string>>} graph from each node to those it points to
 * @returns {string[][]}
 */
export const circles = (graph) => components(graph).map((component) => shortestCircle(graph, component))

const components = (graph) => {
  const index = new Map()
  const low = new Map()
  const stack = []
  const found = []
  const visit = (node) => {
    index.set(node, index.size)
    low.set(node, index.get(node))
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next)
        low.set(node, Math.min(low.get(node), low.get(next)))
      } else if (stack.includes(next)) low.set(node, Math.min(low.get(node), index.get(next)))
    }
    if (low.get(node) !== index.get(node)) return
    const component = stack.splice(stack.indexOf(node))
    if (component.length > 1 || graph.get(node)?.has(node)) found.push(new Set(component))
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}

/** Breadth first from one member back to itself: the shortest way round is the one that is easiest to break. */
const shortestCircle = (graph, component) => {
  const [start] = component
  const queue = [[start]]
  const seen = new Set()
  for (const way of queue) {
    for (const next of graph.get(way.at(-1)) ?? []) {
      if (next === start) return way
      if (!component.has(next) || seen.has(next)) continue
      seen.add(next)
      queue.push([...way, next])
    }
  }
  return [...component]
}
