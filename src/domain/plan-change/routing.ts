/** How a customer's plan change is routed: the table of spec.md 7, row by row. */

export type PlanChangeChannel =
  | 'plan-change-line'
  | 'customer-service'
  | 'field-agent'
  | 'telesales-agent'
  | 'own-agent-application'
  | 'external-agent-application'
  | 'external-call-center';

export type FacilitatorKind = 'internal-agent' | 'external-agent' | 'call-center';

/** Who completes the change. */
export type PlanChangeRoute = 'unit' | 'internal-agent' | 'own-agent' | 'external-agent' | 'call-center';

export interface Routing {
  readonly route: PlanChangeRoute;
  /** The facilitator that intake must name; null: none, it goes to the unit's queue. */
  readonly facilitator: FacilitatorKind | null;
  /** Whether the facilitator earns the customer, and so must be eligible. */
  readonly earnsCustomer: boolean;
  /** Whether the facilitator may refer the customer to the unit instead. */
  readonly mayRefer: boolean;
}

const unit: Routing = { route: 'unit', facilitator: null, earnsCustomer: false, mayRefer: false };
const internal: Routing = {
  route: 'internal-agent',
  facilitator: 'internal-agent',
  earnsCustomer: false,
  mayRefer: true,
};

/** One row per channel. */
export const planChangeRouting: Readonly<Record<PlanChangeChannel, Routing>> = {
  // Calls the Dedicated Plan Change line, by themselves or sent by their agent.
  'plan-change-line': unit,
  // Calls customer service, which transfers the call.
  'customer-service': unit,
  // Reaches an internal agent, who completes the change or refers the customer to the unit.
  'field-agent': internal,
  'telesales-agent': internal,
  // Their own agent sends in a new application.
  'own-agent-application': {
    route: 'own-agent',
    facilitator: 'external-agent',
    earnsCustomer: false,
    mayRefer: false,
  },
  // Another external agent sends in the application.
  'external-agent-application': {
    route: 'external-agent',
    facilitator: 'external-agent',
    earnsCustomer: true,
    mayRefer: false,
  },
  // An external appointed call center agent or agency facilitates it.
  'external-call-center': {
    route: 'call-center',
    facilitator: 'call-center',
    earnsCustomer: true,
    mayRefer: false,
  },
};

/** Who completes a change of `channel`, which the internal agent may have referred to the unit. */
export const routeOf = (channel: PlanChangeChannel, referred: boolean): PlanChangeRoute =>
  referred && planChangeRouting[channel].mayRefer ? 'unit' : planChangeRouting[channel].route;
