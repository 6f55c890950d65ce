import { webCore } from '../../../../server/web-core.ts'

export const dynamic = 'force-dynamic'
/** Whether this process can serve; 503 takes it out of the load balancer. Looked at once a second at most. */
export const GET = async () => {
  const health = await webCore().health()
  return Response.json(health, { status: health.ok ? 200 : 503, headers: { 'cache-control': 'no-store' } })
}
