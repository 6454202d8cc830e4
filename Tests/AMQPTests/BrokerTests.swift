import Testing

/// Everything that needs the broker, one after another: some of it raises alarms or drops connections.
@Suite(.serialized) struct BrokerTests {}
