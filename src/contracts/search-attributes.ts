/** What operators can search runs by. The system registers the attributes itself on any cluster. */
import { defineSearchAttributeKey } from '@temporalio/common';

const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');

export const searchAttributes = {
  portal: keyword('TenurePortal'),
  stage: keyword('TenureStage'),
  account: keyword('TenureAccount'),
  agent: keyword('TenureAgent'),
  customer: keyword('TenureCustomer'),
  route: keyword('TenureRoute'),
  outcome: keyword('TenureOutcome'),
};
