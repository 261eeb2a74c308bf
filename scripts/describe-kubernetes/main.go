// Writes the Go types of Kubernetes' own kinds as JSON: what the decoder of an API server takes, field by field, and what its errors
// call the types. See run.sh.
package main

import (
	"encoding/json"
	"os"
	"path"
	"reflect"
	"strings"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	networking "k8s.io/api/networking/v1"
)

var groups = map[string][]interface{}{
	"v1": {
		core.ConfigMap{}, core.Endpoints{}, core.Namespace{}, core.Node{}, core.Pod{}, core.Secret{}, core.Service{},
		core.ServiceAccount{},
	},
	"apps/v1":              {apps.DaemonSet{}, apps.Deployment{}, apps.ReplicaSet{}, apps.StatefulSet{}},
	"batch/v1":             {batch.CronJob{}, batch.Job{}},
	"discovery.k8s.io/v1":  {discovery.EndpointSlice{}},
	"networking.k8s.io/v1": {networking.Ingress{}, networking.IngressClass{}},
}

// Types that read their JSON themselves.
var special = map[string]bool{
	"intstr.IntOrString": true, "resource.Quantity": true, "v1.FieldsV1": true, "v1.MicroTime": true, "v1.Time": true,
}

var structs = map[string]map[string]string{}
var homes = map[string]reflect.Type{}

// A type in one text: {STRUCT, []ELEMENT, map:NAME:ELEMENT, bytes, or the kind of a scalar with its name where it has another.
func describe(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if special[t.String()] {
		return t.String()
	}
	switch t.Kind() {
	case reflect.Struct:
		return "{" + visit(t)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + describe(t.Elem())
	case reflect.Map:
		return "map:" + t.String() + ":" + describe(t.Elem())
	}
	if t.String() == t.Kind().String() {
		return t.Kind().String()
	}
	return t.Kind().String() + ":" + t.String()
}

// Two packages have types of one name: the second is told apart by the package of its group.
func visit(t reflect.Type) string {
	name := t.String()
	if home, ok := homes[name]; ok && home != t {
		name = path.Base(path.Dir(t.PkgPath())) + "/" + name
	}
	if _, ok := homes[name]; !ok {
		homes[name] = t
		structs[name] = map[string]string{}
		fields(t, structs[name], "")
	}
	return name
}

// What an embedded struct has stands among the fields of the other, with the name that errors have for it before its type.
func fields(t reflect.Type, into map[string]string, embedded string) {
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name := strings.Split(field.Tag.Get("json"), ",")[0]
		switch {
		case field.Anonymous && name == "":
			fields(field.Type, into, embedded+field.Name+">")
		case name != "" && name != "-":
			into[name] = embedded + describe(field.Type)
		}
	}
}

func main() {
	kinds := map[string]map[string]string{}
	for _, group := range []string{"v1", "apps/v1", "batch/v1", "discovery.k8s.io/v1", "networking.k8s.io/v1"} {
		kinds[group] = map[string]string{}
		for _, object := range groups[group] {
			t := reflect.TypeOf(object)
			kinds[group][t.Name()] = visit(t)
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]interface{}{"kinds": kinds, "structs": structs}); err != nil {
		panic(err)
	}
}
