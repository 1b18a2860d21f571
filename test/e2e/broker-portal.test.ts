/**
 * The broker portal with every part real. The audit log is held against what all before it did; only a termination names an agent in
 * it.
 */
import './broker-portal/registration';
import './broker-portal/lost-credentials';
import './broker-portal/unknown-brokers';
import './broker-portal/records';
import './broker-portal/terminated-agents';
