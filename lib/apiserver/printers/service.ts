/**
 * What `kubectl get` shows of Services, and of what leads to them from outside.
 */
import { ageColumn, labelsText, nameColumn, selectorText } from '../kinds/columns.ts'
import type { Column, JsonObject } from '../resource.ts'
import { at, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Cell, firstOf, objectsAt, text, textAt, wideText } from './column.ts'

const balancerAddresses = (object: JsonObject): string => {
  const all = objectsAt(object, 'status.loadBalancer.ingress')
    .map((one) => stringAt(one, 'ip') || stringAt(one, 'hostname'))
    .filter((address) => address !== '')
  return [...new Set(all)].sort().join(',')
}

const externalText: Cell = (service) => {
  const type = stringAt(service, 'spec', 'type')
  const given = listAt(service, 'spec', 'externalIPs').map(String)
  switch (type) {
    case 'ClusterIP':
    case 'NodePort':
      return given.join(',') || '<none>'
    case 'LoadBalancer': {
      const balanced = balancerAddresses(service)
      return [...(balanced === '' ? [] : [balanced]), ...given].join(',') || '<pending>'
    }
    case 'ExternalName':
      return stringAt(service, 'spec', 'externalName')
    default:
      return '<unknown>'
  }
}

const portsText: Cell = (service) => {
  const ports = objectsAt(service, 'spec.ports').map((port) => {
    const node = numberAt(port, 'nodePort') ?? 0
    return `${numberAt(port, 'port') ?? 0}${node > 0 ? `:${node}` : ''}/${stringAt(port, 'protocol')}`
  })
  return ports.join(',') || '<none>'
}

const addressText: Cell = (service) => {
  const [first] = listAt(service, 'spec', 'clusterIPs')
  return first === undefined ? '<none>' : first
}

/** Of core/v1 Service. */
export const serviceColumns: Column[] = [
  nameColumn,
  text(
    'Type',
    'type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ClusterIP, NodePort, and LoadBalancer. "ClusterIP" allocates a cluster-internal IP address for load-balancing to endpoints. Endpoints are determined by the selector or if that is not specified, by manual construction of an Endpoints object or EndpointSlice objects. If clusterIP is "None", no virtual IP is allocated and the endpoints are published as a set of endpoints rather than a virtual IP. "NodePort" builds on ClusterIP and allocates a port on every node which routes to the same endpoints as the clusterIP. "LoadBalancer" builds on NodePort and creates an external load-balancer (if supported in the current cloud) which routes to the same endpoints as the clusterIP. "ExternalName" aliases this service to the specified externalName. Several other fields do not apply to ExternalName services. More info: https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types',
    textAt('spec.type'),
  ),
  text(
    'Cluster-IP',
    'clusterIP is the IP address of the service and is usually assigned randomly. If an address is specified manually, is in-range (as per system configuration), and is not in use, it will be allocated to the service; otherwise creation of the service will fail. This field may not be changed through updates unless the type field is also being changed to ExternalName (which requires this field to be blank) or the type field is being changed from ExternalName (in which case this field may optionally be specified, as describe above).  Valid values are "None", empty string (""), or a valid IP address. Setting this to "None" makes a "headless service" (no virtual IP), which is useful when direct endpoint connections are preferred and proxying is not required.  Only applies to types ClusterIP, NodePort, and LoadBalancer. If this field is specified when creating a Service of type ExternalName, creation will fail. This field will be wiped when updating a Service to type ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies',
    addressText,
  ),
  text(
    'External-IP',
    'externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.  These IPs are not managed by Kubernetes.  The user is responsible for ensuring that traffic arrives at a node with this IP.  A common example is external load-balancers that are not part of the Kubernetes system.',
    externalText,
  ),
  text(
    'Port(s)',
    'The list of ports that are exposed by this service. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies',
    portsText,
  ),
  ageColumn,
  wideText(
    'Selector',
    'Route service traffic to pods with label keys and values matching this selector. If empty or not present, the service is assumed to have an external process managing its endpoints, which Kubernetes will not modify. Only applies to types ClusterIP, NodePort, and LoadBalancer. Ignored if type is ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/',
    (service) => labelsText(objectAt(service, 'spec', 'selector')),
  ),
]

const shownHosts = 3

/** What lies beyond the third host is counted by rules, those without a host included. */
const hostsText: Cell = (ingress) => {
  const rules = objectsAt(ingress, 'spec.rules')
  const hosts: string[] = []
  let isCut = false
  for (const rule of rules) {
    if (hosts.length === shownHosts) isCut = true
    else if (stringAt(rule, 'host') !== '') hosts.push(stringAt(rule, 'host'))
  }
  if (hosts.length === 0) return '*'
  return hosts.join(',') + (isCut ? ` + ${rules.length - shownHosts} more...` : '')
}

/** Of networking.k8s.io/v1 Ingress. */
export const ingressColumns: Column[] = [
  nameColumn,
  text(
    'Class',
    'The name of the IngressClass resource that should be used for additional configuration',
    (object) => stringOr(at(object, 'spec', 'ingressClassName')),
  ),
  text('Hosts', 'Hosts that incoming requests are matched against before the ingress rule', hostsText),
  text('Address', 'Address is a list containing ingress points for the load-balancer', balancerAddresses),
  text('Ports', 'Ports of TLS configurations that open', (object) =>
    listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80',
  ),
  ageColumn,
]

/** A pointer's text: an empty one is shown, an absent one is none. */
const stringOr = (value: JsonObject[string] | undefined): string =>
  typeof value === 'string' ? value : '<none>'

const parametersText: Cell = (object) => {
  const parameters = at(object, 'spec', 'parameters')
  if (parameters === undefined) return '<none>'
  const group = at(parameters, 'apiGroup')
  const suffix = typeof group === 'string' ? `.${group}` : ''
  return `${stringAt(parameters, 'kind')}${suffix}/${stringAt(parameters, 'name')}`
}

const isDefaultClass = 'ingressclass.kubernetes.io/is-default-class'

/** Of networking.k8s.io/v1 IngressClass. */
export const ingressClassColumns: Column[] = [
  {
    ...nameColumn,
    value: (object) =>
      stringAt(object, 'metadata', 'name') +
      (stringAt(object, 'metadata', 'annotations', isDefaultClass) === 'true' ? ' (default)' : ''),
  },
  text('Controller', 'Controller that is responsible for handling this class', textAt('spec.controller')),
  text('Parameters', 'A reference to a resource with additional parameters', parametersText),
  ageColumn,
]

const shownEndpoints = 3

const joined = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)

const endpointsText: Cell = (object) => {
  const subsets = objectsAt(object, 'subsets')
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap((subset) => {
    const addresses = objectsAt(subset, 'addresses').map((one) => stringAt(one, 'ip'))
    const ports = objectsAt(subset, 'ports')
    if (ports.length === 0) return addresses
    return ports.flatMap((port) => addresses.map((ip) => joined(ip, numberAt(port, 'port') ?? 0)))
  })
  return firstOf(all, shownEndpoints)
}

/** Of core/v1 Endpoints. */
export const endpointsColumns: Column[] = [
  nameColumn,
  text(
    'Endpoints',
    'The set of all endpoints is the union of all subsets. Addresses are placed into subsets according to the IPs they share. A single address with multiple ports, some of which are ready and some of which are not (because they come from different containers) will result in the address being displayed in different subsets for the different ports. No address will appear in both Addresses and NotReadyAddresses in the same subset. Sets of addresses and ports that comprise a service.',
    endpointsText,
  ),
  ageColumn,
]

const slicePorts: Cell = (slice) => {
  const ports = objectsAt(slice, 'ports').map((port) => {
    const name = at(port, 'name')
    return String(numberAt(port, 'port') ?? (typeof name === 'string' ? name : '*'))
  })
  return firstOf(ports, shownEndpoints) || '<unset>'
}

const sliceAddresses: Cell = (slice) =>
  firstOf(
    objectsAt(slice, 'endpoints').flatMap((one) => listAt(one, 'addresses').map(String)),
    shownEndpoints,
  ) || '<unset>'

/** Of discovery.k8s.io/v1 EndpointSlice. */
export const endpointSliceColumns: Column[] = [
  nameColumn,
  text(
    'AddressType',
    'addressType specifies the type of address carried by this EndpointSlice. All addresses in this slice must be the same type. This field is immutable after creation. The following address types are currently supported: * IPv4: Represents an IPv4 Address. * IPv6: Represents an IPv6 Address. * FQDN: Represents a Fully Qualified Domain Name. (Deprecated) The EndpointSlice controller only generates, and kube-proxy only processes, slices of addressType "IPv4" and "IPv6". No semantics are defined for the "FQDN" type.',
    textAt('addressType'),
  ),
  text(
    'Ports',
    'ports specifies the list of network ports exposed by each endpoint in this slice. Each port must have a unique name. Each slice may include a maximum of 100 ports. Services always have at least 1 port, so EndpointSlices generated by the EndpointSlice controller will likewise always have at least 1 port. EndpointSlices used for other purposes may have an empty ports list.',
    slicePorts,
  ),
  text(
    'Endpoints',
    'endpoints is a list of unique endpoints in this slice. Each slice may include a maximum of 1000 endpoints.',
    sliceAddresses,
  ),
  ageColumn,
]

/** Of networking.k8s.io/v1 NetworkPolicy. */
export const networkPolicyColumns: Column[] = [
  nameColumn,
  text(
    'Pod-Selector',
    "podSelector selects the pods to which this NetworkPolicy object applies. The array of rules is applied to any pods selected by this field. An empty selector matches all pods in the policy's namespace. Multiple network policies can select the same set of pods. In this case, the ingress rules for each are combined additively. This field is optional. If it is not specified, it defaults to an empty selector.",
    (object) => selectorText(at(object, 'spec', 'podSelector')),
  ),
  ageColumn,
]

/** Of networking.k8s.io/v1 ServiceCIDR. */
export const serviceCidrColumns: Column[] = [
  nameColumn,
  text(
    'CIDRs',
    'CIDRs defines the IP blocks in CIDR notation (e.g. "192.168.0.0/24" or "2001:db8::/64") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable.',
    (object) => listAt(object, 'spec', 'cidrs').join(','),
  ),
  ageColumn,
]
