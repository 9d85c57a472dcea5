package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// HostStatesDef names the states, in their order.
type HostStatesDef struct {
	*am.StatesBase

	PeersPending       string
	PeersDead          string
	GetPeers           string
	PeerNewStream      string
	PeerCloseStream    string
	PeerError          string
	PublishMessage     string
	BlacklistPeer      string
	GetTopics          string
	AddTopic           string
	RemoveTopic        string
	AnnouncingTopic    string
	TopicAnnounced     string
	RemoveSubscription string
	AddSubscription    string
	AddRelay           string
	RemoveRelay        string
	IncomingRPC        string
	AddValidator       string
	RemoveValidator    string
}

// HostSchema is the states: what they are, and how they relate.
var HostSchema = am.Schema{
	ssHost.PeersPending:       {},
	ssHost.PeersDead:          {},
	ssHost.GetPeers:           {Multi: true},
	ssHost.PeerNewStream:      {Multi: true},
	ssHost.PeerCloseStream:    {Multi: true},
	ssHost.PeerError:          {Multi: true},
	ssHost.PublishMessage:     {Multi: true},
	ssHost.BlacklistPeer:      {Multi: true},
	ssHost.GetTopics:          {Multi: true},
	ssHost.AddTopic:           {Multi: true},
	ssHost.RemoveTopic:        {Multi: true},
	ssHost.AnnouncingTopic:    {Multi: true},
	ssHost.TopicAnnounced:     {Multi: true},
	ssHost.RemoveSubscription: {Multi: true},
	ssHost.AddSubscription:    {Multi: true},
	ssHost.AddRelay:           {Multi: true},
	ssHost.RemoveRelay:        {Multi: true},
	ssHost.IncomingRPC:        {Multi: true},
	ssHost.AddValidator:       {Multi: true},
	ssHost.RemoveValidator:    {Multi: true},
}

var (
	ssHost = am.NewStates(HostStatesDef{})

	HostStates = ssHost
)
